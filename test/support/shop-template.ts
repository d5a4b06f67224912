import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { withDatabase } from './database-url.ts'

const MIGRATIONS = path.join(import.meta.dirname, '../../prisma/migrations')

/** Creates database `name` with the tables of the shop, to be cloned by the tests. */
export async function createShopTemplate(admin: pg.Client, url: string, name: string): Promise<void> {
  await admin.query(`create database "${name}" template template0`)
  const client = new pg.Client(withDatabase(url, name))
  await client.connect()
  try {
    for (const file of listMigrations()) await client.query(fs.readFileSync(file, 'utf8'))
  } finally {
    await client.end()
  }
}

/** The SQL files of the shop's schema, in the order in which they apply. */
export function listMigrations(): string[] {
  if (!fs.existsSync(MIGRATIONS)) return []
  return fs
    .readdirSync(MIGRATIONS)
    .sort()
    .map((folder) => path.join(MIGRATIONS, folder, 'migration.sql'))
    .filter((file) => fs.existsSync(file))
}
