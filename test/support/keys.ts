/** The keys of tests. Every database of theirs begins with one key, of an administrator of the whole country. */
export const adminKey = `trlr_${'A'.repeat(43)}`
export const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
/** What an administrator sends. */
export const asAdmin = bearer(adminKey)
/** The name that history keeps of that administrator. */
export const adminName = 'admin'
