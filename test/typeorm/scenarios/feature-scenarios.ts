import type { DataSource, Repository } from 'typeorm'
import { type Asset, type Clipping, type Document, Picture, Song } from '../support/feature-entities.ts'
import { exact, failureOf } from '../support/scenario.ts'

function documents(db: DataSource): Repository<Document> {
  return db.getRepository<Document>('Document')
}

/** The id is ours, so that both databases have the same. */
function documentData(number: number, title: string) {
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    title,
    secretCode: 'abc',
    author: { name: 'Ada', home: { city: 'London' } },
  }
}

const find = (db: DataSource, title: string) =>
  documents(db).findOneOrFail({ where: { title }, relations: { pages: true }, withDeleted: true })

/** What TypeORM maintains by itself: versions, dates, discriminators, embedded and transformed columns. */
export const featureScenarios = [
  exact('save of an entity with embedded, transformed, generated, version and date columns', (db) =>
    documents(db).save(documentData(1, 'First')),
  ),
  exact('a key that the database generates', async (db) => {
    const { id: _, ...document } = documentData(2, 'Generated')
    const { title, slug, revision } = await documents(db).save(document)
    return { title, slug, revision }
  }),
  exact('save of a nested embedded column and a transformed one', async (db) => {
    const document = await find(db, 'First')
    document.author.home.city = null
    return documents(db).save({ ...document, secretCode: 'xyz' })
  }),
  exact('update by criteria counts the version', (db) =>
    documents(db).update({ title: 'First' }, { author: { name: 'Grace' } }),
  ),
  exact('softDelete and restore', async (db) => [
    await documents(db).softDelete({ title: 'First' }),
    await documents(db).restore({ title: 'First' }),
  ]),
  exact(
    'softRemove and recover, with the pages',
    async (db) => {
      const removed = await documents(db).softRemove(await find(db, 'Paged'))
      return [{ ...removed }, await documents(db).recover(await find(db, 'Paged'))]
    },
    (db) => documents(db).save({ ...documentData(3, 'Paged'), pages: [{ number: 1 }, { number: 2 }] }),
  ),
  exact('softRemove without a transaction', async (db) =>
    documents(db).softRemove(await find(db, 'First'), { transaction: false }),
  ),
  exact('a save whose version has gone on elsewhere', async (db) => {
    const document = await find(db, 'Paged')
    await documents(db).update({ title: 'Paged' }, { secretCode: 'theirs' })
    return documents(db).save({ ...document, secretCode: 'mine' })
  }),
  exact('an optimistic lock that fails', async (db) =>
    failureOf(
      documents(db).findOneOrFail({ where: { title: 'Paged' }, lock: { mode: 'optimistic', version: 1 } }),
    ),
  ),
  exact('entities of another schema: save, update, upsert, delete', async (db) => {
    const clippings = db.getRepository<Clipping>('Clipping')
    const [kept, other] = await clippings.save([{ text: 'kept' }, { text: 'other', source: 'The Times' }])
    await clippings.save({ ...kept, source: 'The Post' })
    await clippings.update({ text: 'other' }, { text: 'another' })
    if (other) await clippings.upsert({ id: other.id, text: 'upserted' }, ['id'])
    return [await clippings.remove(await clippings.findOneByOrFail({ text: 'kept' })), await clippings.find()]
  }),
  exact('save of children of one table', async (db) => [
    await db.manager.save(Object.assign(new Picture(), { label: 'Sunset', width: 800 })),
    await db.manager.save(Object.assign(new Song(), { label: 'Dawn', seconds: 61 })),
  ]),
  exact('update and delete of children of one table', async (db) => [
    await db.getRepository(Picture).update({ label: 'Sunset' }, { width: 1024 }),
    await db.getRepository<Asset>('Asset').update({ label: 'Dawn' }, { label: 'Dusk' }),
    await db.getRepository(Song).delete({ label: 'Dusk' }),
  ]),
]
