import { type FindingKind, generateNoteKey, parseSigningKey, type VerifyReport } from '@indelible/core'
import { DAMAGES, type Damage, toScript } from './damage.ts'
import { createDamagedCopy, type DamagedCopy } from './damaged-copy.ts'
import { openShop } from './open-shop.ts'
import type { Printer } from './print.ts'

/** What the auditor holds. Neither lies in the database. */
export interface Evidence {
  readonly checkpoint: string
  readonly verifierKey: string
}

/** Lets somebody with full rights on the database tamper with the trail, in several ways, and verifies after each. */
export async function showDamage(serverUrl: string, evidence: Evidence, print: Printer): Promise<void> {
  print.step('Somebody with full rights on the database …', 'verify, on a fresh copy for each')
  for (const damage of DAMAGES) {
    const copy = await createDamagedCopy(serverUrl, toScript(damage))
    if (damage.sealAgain) await sealAsIntruder(copy)
    await showFindings(copy, { damage, evidence }, print)
    await copy.drop()
  }
}

async function sealAsIntruder({ url }: DamagedCopy): Promise<void> {
  const intruder = openShop(url, parseSigningKey(generateNoteKey('shop.example').signingKey))
  await intruder.$audit.seal()
  await intruder.$disconnect()
}

interface Case {
  readonly damage: Damage
  readonly evidence: Evidence
}

async function showFindings(copy: DamagedCopy, { damage, evidence }: Case, print: Printer): Promise<void> {
  const { checkpoint, verifierKey } = evidence
  const report = await copy.verify({ publicKeys: [verifierKey], knownCheckpoints: [checkpoint] })
  print.claim(`${damage.title}: ${damage.kind}`, tells(report, damage.kind))
  const finding = report.findings.find(({ kind }) => kind === damage.kind)
  if (finding) print.line(`    ${finding.message}`)
  if (damage.byKeyAlone === undefined) return
  const withoutCheckpoint = await copy.verify({ publicKeys: [verifierKey] })
  print.claim(
    `… without the checkpoint kept outside: ${damage.byKeyAlone}`,
    tells(withoutCheckpoint, damage.byKeyAlone),
  )
}

function tells({ ok, findings }: VerifyReport, expected: FindingKind | 'nothing'): boolean {
  return expected === 'nothing' ? ok : !ok && findings.some(({ kind }) => kind === expected)
}
