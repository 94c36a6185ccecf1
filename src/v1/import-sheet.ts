/** Past imports as a sheet: a row an import, without its mistakes. */
import type { summaryOf } from './import-report.ts'
import type { Sheet } from './list-file.ts'

type Summary = Omit<ReturnType<typeof summaryOf>, 'format' | 'mode'> & { format?: string | null; mode: string }

/** Its file and its columns. */
export const importSheet: Sheet<Summary> = {
  names: ['imports', '导入记录'],
  columns: [
    ['id', '编号', ({ id }) => id],
    ['importedBy', '导入人', ({ importedBy }) => importedBy],
    ['importedAt', '导入时间', ({ importedAt }) => importedAt],
    ['fileName', '文件名', ({ fileName }) => fileName],
    ['sha256', '文件的 SHA-256', ({ sha256 }) => sha256],
    ['bytes', '字节数', ({ bytes }) => bytes],
    ['format', '格式', ({ format }) => format],
    ['reverts', '撤销的导入', ({ reverts }) => reverts],
    ['revertedBy', '被何次导入撤销', ({ revertedBy = [] }) => revertedBy.join(' ')],
    ['mode', '方式', ({ mode }) => mode],
    ['rows', '行数', ({ rows }) => rows],
    ['created', '新建', ({ created }) => created],
    ['updated', '变更', ({ updated }) => updated],
    ['unchanged', '未变', ({ unchanged }) => unchanged],
    ['deleted', '删除', ({ deleted }) => deleted],
    ['rejected', '有错误', ({ rejected }) => rejected],
    ['notApplied', '未写入', ({ notApplied }) => notApplied],
    ['withFindings', '有校验提示', ({ withFindings }) => withFindings],
    ['errorCount', '错误数', ({ errorCount }) => errorCount],
  ],
}
