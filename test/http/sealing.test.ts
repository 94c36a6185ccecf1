/** What is sealed is read with the same credential, and with no other. */
import fc from 'fast-check'
import { test } from 'tap'
import { seal, unseal } from '../../src/http/sealing.ts'

await test('only the credential of then opens it, and only as it was', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.nat(), (text, credential, at) => {
      const sealed = seal(text, credential)
      t.equal(unseal(sealed, credential), text)
      t.equal(unseal(sealed, `${credential}x`), undefined)
      const bytes = Buffer.from(sealed, 'base64')
      const place = at % bytes.length
      bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place)
      t.equal(unseal(bytes.toString('base64'), credential), undefined, 'a bit is another')
    }),
    { numRuns: 50 },
  )
  t.not(seal('a', 'b'), seal('a', 'b'), 'each time anew')
  for (const short of ['', 'AAAA', Buffer.alloc(43).toString('base64')]) t.equal(unseal(short, 'b'), undefined)
})
