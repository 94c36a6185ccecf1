/**
 * Who may do what: one line an operation. A reader's region matters only where `READ_SCOPE` is `own`; whoever writes has to write in its
 * own region always. Periods belong to the whole country, so only someone of the whole country opens, closes and reopens them.
 */
import { categories } from '../catalogue/index.ts'
import type { Access } from '../http/access.ts'
import { stemOf } from './record-operations.ts'

const at = (path: string) => ({ path })
const anyone: Access = { role: 'anyone', where: 'nowhere' }
/** Places, periods and the catalogue: nobody's figures. */
const reference: Access = { role: 'reader', where: 'nowhere' }
const collection: Access = { role: 'reader', where: 'filter' }
const one: Access = { role: 'reader', where: at('township') }
const report: Access = { role: 'reporter', where: at('township') }

const records = categories.flatMap(({ name }): [string, Access][] => {
  const stem = stemOf(name)
  return [
    [`list${stem}`, collection],
    [`get${stem}`, one],
    [`put${stem}`, report],
    [`patch${stem}`, report],
    [`delete${stem}`, report],
    [`list${stem}Revisions`, one],
    [`get${stem}Revision`, one],
    [`get${stem}Difference`, one],
  ]
})

const table = new Map<string, Access>([
  ...records,
  ['getLiveness', anyone],
  ['getReadiness', anyone],

  ['listIndicators', reference],
  ['getIndicator', reference],
  ['listRegions', reference],
  ['getRegion', reference],
  ['listTownships', reference],
  ['getTownship', reference],
  ['listSuccessions', reference],
  ['listPeriods', reference],
  ['getPeriod', reference],
  ['listExtensions', reference],
  ['getExtension', reference],

  ['getReport', one],
  ['putReport', report],
  ['deleteReport', report],
  ['getStatistics', collection],
  ['getCoverage', collection],
  ['listFindings', collection],
  ['listChanges', collection],

  ['createImport', { role: 'reporter', where: 'handler' }],
  ['revertImport', { role: 'steward', where: 'handler' }],
  ['getImportTemplate', collection],
  ['listImports', { role: 'reader', where: 'handler' }],
  ['getImport', { role: 'reader', where: 'handler' }],

  ['createPeriod', { role: 'steward', where: 'country' }],
  ['closePeriod', { role: 'steward', where: 'country' }],
  ['reopenPeriod', { role: 'steward', where: 'country' }],
  ['putExtension', { role: 'steward', where: at('region') }],
  ['deleteExtension', { role: 'steward', where: at('region') }],
  ['recordSuccession', { role: 'steward', where: at('code') }],
  ['withdrawSuccession', { role: 'steward', where: at('code') }],
  ['recodeCounty', { role: 'steward', where: at('county') }],

  ['createTownship', { role: 'admin', where: 'handler' }],
  ['putTownship', { role: 'admin', where: at('code') }],

  ['issueKey', { role: 'admin', where: 'handler' }],
  ['listKeys', { role: 'admin', where: 'handler' }],
  ['getKey', { role: 'admin', where: 'handler' }],
  ['rotateKey', { role: 'admin', where: 'handler' }],
  ['revokeKey', { role: 'admin', where: 'handler' }],
  ['listAudit', { role: 'steward', where: 'handler' }],
])

/** What an operation asks of its caller; undefined for one that has no line here, which does not start. */
export const accessOf = (operationId: string): Access | undefined => table.get(operationId)
