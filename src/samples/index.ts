/**
 * Five real reports, figure by figure, each with the words that it was read from. A new database begins with them, and the
 * examples and tests use them: what is shown is what townships really publish.
 */
import { cangtou } from './cangtou.ts'
import { chongli } from './chongli.ts'
import { gaoguan } from './gaoguan.ts'
import { huangxi } from './huangxi.ts'
import type { Sample } from './sample.ts'
import { zhangbaqiao } from './zhangbaqiao.ts'

export { recordsOf, type Sample, type SampleRecord } from './sample.ts'

export const samples: readonly Sample[] = [gaoguan, chongli, huangxi, zhangbaqiao, cangtou]
