/** Fields of bodies that say something of places; a misprint in one of them would be kept for good. */
import Type from 'typebox'
import { about } from '../catalogue/schema.ts'

/** A day on which something becomes of a place: no year of two digits, none that nobody lives to see. */
export const PlaceDay = (zh: string, en: string, example = '2025-01-01') =>
  Type.String({ format: 'date', pattern: '^(19|20|21)', title: 'date', ...about(zh, en, example) })
/** The name of a place, as the state prints it. */
export const Name = (example: string) =>
  Type.String({
    minLength: 1,
    maxLength: 50,
    pattern: '^[^\\s\\u0000-\\u001f]+( [^\\s\\u0000-\\u001f]+)*$',
    title: 'name',
    ...about('名称', 'Name', example),
  })
export const CountyCode = Type.String({
  pattern: '^[0-9]{6}$',
  title: 'county code of 6 digits',
  ...about('县级区划代码，6 位', 'Code of a county, 6 digits', '500229'),
})
