import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, test } from 'vitest'
import { nothing, type OrmUnderTest, skuOf } from './orm-under-test.ts'

const script = path.join(import.meta.dirname, '../write-and-hang.ts')
const applicationName = 'write-and-hang'

/** No cleaning up is needed for atomicity. */
export function describeKilledProcess(under: OrmUnderTest): void {
  test('a process killed in its transaction leaves nothing', async () => {
    const { orm, shop } = under
    const sku = skuOf('killed')
    const client = await shop.open()
    await client.createProduct({ sku })
    const observed = await shop.oracle.check(async () => {
      const child = startChild(orm.module, shop.database.url, sku)
      const [output] = await once(child.stdout, 'data')
      expect(String(output)).toContain('written, not committed')
      child.kill('SIGKILL')
      await once(child, 'exit')
      await expect.poll(() => shop.database.query(childSessions, [applicationName])).toHaveLength(0)
    })
    expect(observed).toMatchObject(nothing)
  })
}

const childSessions =
  'select from pg_stat_activity where application_name = $1 and datname = current_database()'

function startChild(module: string, url: string, sku: string) {
  const address = new URL(url)
  address.searchParams.set('application_name', applicationName)
  const program = ['--conditions=@indelible/source', script, module, address.href, sku]
  return spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] })
}
