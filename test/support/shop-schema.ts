import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'

const MIGRATIONS = path.join(import.meta.dirname, '../../prisma/migrations')

/** Creates the tables of the shop, the application of the tests, the demo and the bench, in an empty database. */
export async function createShopSchema(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    for (const file of listMigrations()) await client.query(fs.readFileSync(file, 'utf8'))
  } finally {
    await client.end()
  }
}

function listMigrations(): string[] {
  if (!fs.existsSync(MIGRATIONS)) return []
  return fs
    .readdirSync(MIGRATIONS)
    .sort()
    .map((folder) => path.join(MIGRATIONS, folder, 'migration.sql'))
    .filter((file) => fs.existsSync(file))
}
