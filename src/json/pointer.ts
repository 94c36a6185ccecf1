/** JSON Pointers (RFC 6901). */

/** One segment of a pointer. */
export const escapePointer = (segment: string) => segment.replaceAll('~', '~0').replaceAll('/', '~1')

/** The pointer of a path. */
export const pointerOf = (path: readonly (string | number)[]) => path.map((key) => `/${escapePointer(String(key))}`).join('')
