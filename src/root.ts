/** The folder of the package. Its data (migrations, registry) lies there, whether this code runs from `src` or as one bundle in `dist`. */
import { existsSync } from 'node:fs'

function above(folder: URL): URL {
  return existsSync(new URL('package.json', folder)) ? folder : above(new URL('..', folder))
}

export const root = above(new URL('.', import.meta.url))
