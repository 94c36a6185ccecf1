/** 仓头乡（河南省平顶山市鲁山县），2024. */
import type { Sample } from './sample.ts'

export const cangtou: Sample = {
  township: '410423209',
  period: '2024',
  source: { title: '鲁山县仓头乡人民政府关于2024年法治政府建设情况的报告' },
  records: {
    disputes: {
      figures: {
        identified: 382,
        resolved: 360,
        resolvedByAgreement: { oral: 344, written: 16 },
        requestsReceived: 42,
        requestsByOutcome: { settled: 25, transferred: 17 },
      },
      remarks: {
        identified: { quote: '共累计排查各类矛盾纠纷382件' },
        resolved: { quote: '成功调解360件' },
        'resolvedByAgreement.oral': { quote: '达成口头协议344件' },
        'resolvedByAgreement.written': { quote: '书面协议16件' },
        requestsReceived: { quote: '共收集群众各类诉求42件' },
        'requestsByOutcome.settled': { quote: '感情纠纷等25件' },
        'requestsByOutcome.transferred': { quote: '等部门协同处理17件' },
      },
    },
    publicity: {
      figures: {
        activities: 20,
        materials: 3000,
        brochures: 800,
        books: 1000,
        displayBoards: 18,
      },
      remarks: {
        activities: { qualifier: 'atLeast', quote: '共开展各类普法活动20余次' },
        materials: { qualifier: 'atLeast', quote: '发放宣传彩页3000余份' },
        brochures: { qualifier: 'atLeast', quote: '发放宣传册800余份' },
        books: { qualifier: 'atLeast', quote: '发放法治书籍1000余本' },
        displayBoards: { quote: '制作普法宣传版面18块' },
      },
    },
  },
}
