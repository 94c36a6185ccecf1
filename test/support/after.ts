/** Runs once after the suite: adopts the cluster that `before.ts` left running, and removes it. */
import { rm } from 'node:fs/promises'
import { startEmbedded } from '../../src/storage/embedded.ts'
import { clusterFolder } from './cluster.ts'

if (process.env.TEST_DATABASE_URL === undefined) {
  const cluster = await startEmbedded(clusterFolder, { ephemeral: true })
  await cluster.stop()
  await rm(clusterFolder, { recursive: true })
}
