import { type MikroORM, raw, wrap } from '@mikro-orm/postgresql'
import { exactly } from '../../../conformance/scenario-lists.ts'
import {
  Album,
  Article,
  Car,
  CreditNote,
  Document,
  Gauge,
  Invoice,
  Member,
  Meter,
  Note,
  Person,
  Photo,
  PhotoComment,
  Setting,
  SettingNote,
  Team,
  Truck,
  Vehicle,
} from '../kinds-entities.ts'

/** What the shop has no example of. */
export const kindScenarios = exactly<MikroORM>(
  [
    'single table inheritance',
    async (orm) => {
      const em = orm.em.fork()
      const car = em.create(Car, { name: 'a', doors: 3 })
      em.create(Truck, { name: 'b', payload: '7.5' })
      await em.flush()
      car.doors = 5
      await em.flush()
      await em.nativeUpdate(Truck, { name: 'b' }, { payload: '8' })
      await em.nativeDelete(Vehicle, { name: 'a' })
      return (await orm.em.fork().findAll(Vehicle)).map((each) => wrap(each).toObject())
    },
  ],
  [
    'table per type: create and update',
    async (orm) => {
      const em = orm.em.fork()
      const invoice = em.create(Invoice, { title: 'i', amount: '1.50' })
      const credit = em.create(CreditNote, { title: 'c', amount: '2', reason: 'late' })
      await em.flush()
      invoice.title = 'i!'
      invoice.amount = '2.50'
      credit.reason = 'never'
      await em.flush()
      return [invoice.id, credit.id]
    },
  ],
  [
    'table per type: removed, its leaf by the database',
    async (orm) => {
      const em = orm.em.fork()
      for (const each of await em.findAll(Document)) em.remove(each)
      await em.flush()
    },
  ],
  [
    'embeddables: inlined, as an object, as an array',
    async (orm) => {
      const em = orm.em.fork()
      const geo = { lat: 1.5, lng: 2.5 }
      const person = em.create(Person, {
        name: 'p',
        home: { street: 's', city: 'c', geo },
        work: { street: 'w', city: null, geo },
        addresses: [{ street: 'x' }, { street: "y's", geo }],
      })
      await em.flush()
      if (person.home) person.home.city = 'Paris'
      if (person.work) person.work.city = 'Rome'
      person.addresses?.pop()
      await em.flush()
      person.home = null
      await em.flush()
      return wrap(await orm.em.fork().findOneOrFail(Person, person.id)).toObject()
    },
  ],
  [
    'custom types, in JavaScript and in SQL',
    async (orm) => {
      const em = orm.em.fork()
      const article = em.create(Article, { title: 't', secret: 'abc' })
      const meter = em.create(Meter, { name: 'm', reading: '1.5' })
      await em.flush()
      article.secret = 'xyz'
      meter.reading = '2.5'
      await em.flush()
      await em.nativeUpdate(Meter, { id: meter.id }, { reading: '3.25' })
      const stored = await em.execute('select secret, reading from article, meter')
      return [stored, (await orm.em.fork().findOneOrFail(Meter, meter.id)).reading]
    },
  ],
  [
    'generated columns, formulas and lazy properties',
    async (orm) => {
      const em = orm.em.fork()
      const article = em.create(Article, { title: 'generated', body: 'long' })
      await em.flush()
      article.title = 'generated again'
      await em.flush()
      const read = await orm.em.fork().findOneOrFail(Article, article.id, { populate: ['body'] })
      return [article.upperTitle, wrap(read).toObject()]
    },
  ],
  [
    'a default filter is in the statement, and the entries know no more than it wrote',
    async (orm) => {
      const em = orm.em.fork()
      const ids = await em.insertMany(
        Article,
        ['live', 'dead'].map((title) => ({ title, deletedAt: title === 'dead' ? new Date() : null })),
      )
      const updated = await em.nativeUpdate(
        Article,
        { id: { $in: ids } },
        { views: raw<number>('views + 1') },
      )
      const deleted = await em.nativeDelete(Article, { id: { $in: ids } })
      const all = await em.nativeDelete(Article, { id: { $in: ids } }, { filters: false })
      return [updated, deleted, all]
    },
  ],
  [
    'a soft delete is an update',
    async (orm) => {
      const em = orm.em.fork()
      const article = await em.findOneOrFail(Article, { title: 'generated again' })
      article.deletedAt = new Date()
      await em.flush()
      return orm.em.fork().count(Article, { id: article.id })
    },
  ],
  [
    'optimistic locks: a version that is right, one that is not',
    async (orm) => {
      const em = orm.em.fork()
      const article = em.create(Article, { title: 'versioned' })
      await em.flush()
      const stale = await orm.em.fork().findOneOrFail(Article, article.id)
      article.views = 1
      await em.flush()
      const other = orm.em.fork()
      other.merge(stale)
      stale.views = 5
      const lost = await other.flush().catch((error) => [error.constructor.name, error.message])
      return [article.version, lost]
    },
  ],
  [
    'optimistic locks of a batch',
    async (orm) => {
      const em = orm.em.fork()
      const articles = ['va', 'vb'].map((title) => em.create(Article, { title }))
      await em.flush()
      await em.nativeUpdate(Article, { title: 'vb' }, { version: 9 })
      for (const each of articles) each.views = 3
      return em.flush().catch((error) => [error.constructor.name, error.message])
    },
  ],
  [
    'a concurrency check',
    async (orm) => {
      const em = orm.em.fork()
      const gauge = em.create(Gauge, { name: 'checked', revision: 1 })
      await em.flush()
      gauge.name = 'checked!'
      gauge.revision = 2
      await em.flush()
      await orm.em.fork().nativeUpdate(Gauge, { id: gauge.id }, { revision: 7 })
      gauge.name = 'lost'
      gauge.revision = 3
      return em.flush().catch((error) => [error.constructor.name, error.message])
    },
  ],
  [
    'orphans and self references',
    async (orm) => {
      const em = orm.em.fork()
      const team = em.create(Team, { name: 'team' })
      const [a, b] = ['a', 'b'].map((name) => em.create(Member, { name, team }))
      if (a && b) b.mentor = a
      await em.flush()
      if (b) team.members.remove(b)
      await em.flush()
      return team.members.length
    },
  ],
  [
    'a removed team takes its members along, two ways',
    async (orm) => {
      const em = orm.em.fork()
      const team = em.create(Team, { name: 'gone' })
      const boss = em.create(Member, { name: 'boss', team })
      const other = em.create(Team, { name: 'stays' })
      em.create(Member, { name: 'pupil', team: other, mentor: boss })
      await em.flush()
      await orm.em.fork().nativeDelete(Team, { name: 'gone' })
    },
  ],
  [
    'composite keys and a relation to one',
    async (orm) => {
      const em = orm.em.fork()
      const setting = em.create(Setting, { tenant: 't"1', name: "n'1", value: '1' })
      const note = em.create(SettingNote, { text: 'x', setting })
      await em.flush()
      setting.value = '2'
      note.setting = null
      await em.flush()
      await em.nativeUpdate(Setting, { tenant: 't"1', name: "n'1" }, { name: 'n2' })
      await orm.em.fork().upsertMany(Setting, [
        { tenant: 't"1', name: 'n2', value: '3' },
        { tenant: 't"1', name: 'n3', value: '4' },
      ])
      await em.nativeDelete(Setting, [['t"1', 'n3']] as never)
    },
  ],
  [
    'flush: remove of a loaded graph deletes what cascades in MikroORM',
    async (orm) => {
      const em = orm.em.fork()
      const album = await em.findOneOrFail(
        Album,
        { title: 'removed' },
        { populate: ['photos.comments'], orderBy: { photos: { id: 1, comments: { id: 1 } } } },
      )
      await em.remove(album).flush()
      return [await em.count(Photo), await em.count(PhotoComment)]
    },
    async (orm) => {
      const em = orm.em.fork()
      for (const title of ['removed', 'kept']) {
        const comments = [{ text: 'first' }, { text: 'second' }]
        em.create(Album, { title, photos: [{ title: 'one', comments }, { title: 'two' }] })
      }
      await em.flush()
    },
  ],
  [
    'another schema',
    async (orm) => {
      const em = orm.em.fork()
      const note = em.create(Note, { text: 'x' })
      await em.flush()
      note.text = 'y'
      await em.flush()
      await em.nativeDelete(Note, { id: note.id })
    },
  ],
)
