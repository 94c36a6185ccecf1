/** What was thrown, as an error: hooks with a callback, which cost an answer less than a promise, take nothing else. */
export const errorOf = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))
