import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** Where a Prisma migration made at `now` belongs: `prisma/migrations/20261122101500_indelible/migration.sql`, in UTC as Prisma does. */
export function prismaMigrationFile(folder: string, now: Date): string {
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 14)
  return path.join(folder, 'migrations', `${stamp}_indelible`, 'migration.sql')
}

/** Lists the migrations of ours that a Prisma folder has already, relative to it. */
export function listPrismaMigrations(folder: string): string[] {
  const migrations = path.join(folder, 'migrations')
  if (!existsSync(migrations)) return []
  return readdirSync(migrations)
    .filter((name) => /^\d+_indelible$/.test(name))
    .map((name) => path.join('migrations', name))
}
