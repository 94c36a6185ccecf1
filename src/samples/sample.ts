/** What a sample is: one whole report as it was published. Its figures are typed by the catalogue, so that a wrong one does not compile. */
import { type CategoryName, categories, type FiguresOf } from '../catalogue/index.ts'
import { type Content, canonical, type Other, type Remark, type Source } from '../catalogue/record.ts'

export type SampleRecord<N extends CategoryName> = { figures: FiguresOf<N>; remarks?: Record<string, Remark>; others?: Other[] }

/** `township` and `period` are codes; `source` is that of every record of the report. */
export type Sample = {
  township: string
  period: string
  source: Source
  records: { [N in CategoryName]?: SampleRecord<N> }
}

/** The records of a report with the source in each, as they are put and read one by one. */
export function recordsOf({ township, period, source, records }: Sample) {
  return categories.flatMap(({ name }): { category: CategoryName; township: string; period: string; content: Content }[] => {
    const record = records[name]
    return record ? [{ category: name, township, period, content: canonical(name, { ...record, source }) }] : []
  })
}
