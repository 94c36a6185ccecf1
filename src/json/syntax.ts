/**
 * Where a text is not JSON. V8 tells the reason in English alone and the place only sometimes; where it does not, the place is asked of a
 * parser that always tells it.
 */
import { parse } from '@humanwhocodes/momoa'

function offsetOf(text: string, reason: string): number | undefined {
  const [, told] = /position (\d+)/.exec(reason) ?? []
  if (told !== undefined) return Number(told)
  try {
    parse(text, { mode: 'json' })
  } catch (error) {
    if (error instanceof Error && 'offset' in error && typeof error.offset === 'number') return error.offset
  }
  return undefined
}

/** Words for a problem: the reason in English, the place in Chinese with its own punctuation. */
export function syntaxReason(text: string, error: unknown): { reason: string; reasonZh: string } {
  const reason = error instanceof Error ? error.message : String(error)
  if (/end of JSON input|Unterminated string/.test(reason)) return { reason, reasonZh: '：内容不完整' }
  const offset = offsetOf(text, reason)
  if (offset === undefined) return { reason, reasonZh: '' }
  const lines = text.slice(0, offset).split('\n')
  // A row of a file is one line, whose number stands beside it.
  const line = text.trimEnd().includes('\n') ? `第 ${lines.length} 行` : ''
  return { reason, reasonZh: `：${line}第 ${(lines.at(-1)?.length ?? 0) + 1} 个字符处有误` }
}
