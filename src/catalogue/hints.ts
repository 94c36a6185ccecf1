/** What is said to someone who wrote a figure in a way that is not taken: the name that was meant, or the number and the remark to send. */
import { readCell } from './cell.ts'
import { findFigure, findLeaf, type Leaf } from './index.ts'

/** A question after the nearest name, with the label where it is that of a figure. */
export function didYouMean(name: string): { nearest: string; nearestZh: string } {
  const labels = findFigure(name)?.figure.labels ?? findLeaf(name)?.leaf.labels
  return {
    nearest: `; did you mean “${name}”${labels ? ` (${labels.en})` : ''}?`,
    nearestZh: `，是否为“${name}”${labels ? `（${labels.zh}）` : ''}？`,
  }
}

/** How to send a value that came as text: a number in quotes, or words as they stand in a cell of a report. Empty where it is neither. */
export function typedHint(text: string, leaf: Leaf): { hint: string; hintZh: string } {
  const reading = readCell(text, leaf.figure)
  const remark = (word: object) => JSON.stringify({ [leaf.path]: word })
  if (reading.state === 'missing') {
    const told = remark({ missing: reading.missing })
    return {
      hint: `; leave the figure out and send, under remarks, ${told}`,
      hintZh: `；请省略此项，并在 remarks 中填 ${told}`,
    }
  }
  if (reading.state !== 'value') return { hint: '', hintZh: '' }
  const { value, qualifier } = reading
  if (!qualifier) return { hint: `; send the number ${value} without quotes`, hintZh: `；请填数字 ${value}，不加引号` }
  const told = remark({ qualifier })
  return {
    hint: `; send the number ${value} and, under remarks, ${told}`,
    hintZh: `；请填数字 ${value}，并在 remarks 中填 ${told}`,
  }
}
