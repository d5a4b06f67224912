import { createAuditTrail, createSealer, generateNoteKey, parseSigningKey, verifyLog } from '@indelible/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseVerifierKey } from '../../packages/core/src/chain/note-key.ts'
import { openNote } from '../../packages/core/src/chain/signed-note.ts'
import { sealAll } from '../../packages/core/src/seal/seal-all.ts'
import type { AuditDatabase } from '../../packages/core/src/store/audit-database.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createTrailDatabase } from '../support/trail-database.ts'

const first = generateNoteKey('shop.example/audit')
const second = generateNoteKey('shop.example/audit')
const signer = parseSigningKey(first.signingKey)
const publicKeys = [first.verifierKey, second.verifierKey]
const verifiers = publicKeys.map(parseVerifierKey)
const withoutKey = {
  code: 'AUDIT_NOTE_INVALID',
  message: expect.stringContaining('INDELIBLE_SEAL_KEY'),
}

let database: TestDatabase
let audit: AuditDatabase
beforeAll(async () => {
  ;({ database, audit } = await createTrailDatabase())
  return () => database.drop()
})

afterAll(async () => {
  expect(await verifyLog(audit, { publicKeys, unsealedGrace: 0 })).toMatchObject({ ok: true, findings: [] })
})

const write = () => database.query("select indelible.log('insert', 's', 't', '1', null, '{}', null)")

/** A trail whose owner seals elsewhere, in an environment. */
async function sealFrom(env: Readonly<Record<string, string>>) {
  const trail = createAuditTrail({ options: { seal: false }, open: async () => undefined, env })
  const { sealer, close } = await trail.connect(audit)
  try {
    return await sealer.seal()
  } finally {
    await close()
  }
}

test('a checkpoint is signed by the key given, and one without a key may precede it', async () => {
  await write()
  await sealAll(audit)
  await write()
  const { checkpoint } = await sealAll(audit, { signer })
  const text = openNote(checkpoint?.note ?? '', verifiers)
  expect(text).toMatch(/^indelible\/[0-9a-f-]{36}\n2\n/)
  const rows = await database.query('select note from indelible.checkpoint where size = 2')
  expect(rows).toEqual([{ note: checkpoint?.note }])
})

test('behind a signed checkpoint nobody without a key writes another: entries are linked, and it is said', async () => {
  await write()
  await expect(sealAll(audit)).rejects.toMatchObject(withoutKey)
  await write()
  await expect(sealFrom({})).rejects.toMatchObject(withoutKey)
  const errors: unknown[] = []
  const settings = { interval: 10, checkpointInterval: 10, onError: (error: unknown) => errors.push(error) }
  const sealer = createSealer(audit, settings)
  await write()
  sealer.wake()
  await expect.poll(() => errors.length, { timeout: 5000 }).toBeGreaterThan(0)
  await sealer.close()
  expect(errors[0]).toMatchObject(withoutKey)
  const report = await verifyLog(audit, { publicKeys, unsealedGrace: 0 })
  expect(report).toMatchObject({ ok: true, size: 5, checkpoints: { total: 2 } })
})

test('an application that leaves sealing to another process signs with the key of its environment, when it is asked to seal', async () => {
  const { checkpoint } = await sealFrom({ INDELIBLE_SEAL_KEY: first.signingKey })
  expect(openNote(checkpoint?.note ?? '', verifiers)).toMatch(/\n5\n/)
})

test('another key may follow', async () => {
  await write()
  const { checkpoint } = await sealAll(audit, { signer: parseSigningKey(second.signingKey) })
  expect(checkpoint).toMatchObject({ size: 6 })
})
