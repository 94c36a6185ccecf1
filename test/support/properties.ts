/** A property as one assertion, so that it is counted, and a counterexample is told under its story. */
import fc, { type IProperty } from 'fast-check'

type Asserting = { doesNotThrow(check: () => void, story: string): unknown }

export function holds<T>(t: Asserting, story: string, property: IProperty<T>) {
  t.doesNotThrow(() => fc.assert(property), story)
}
