import type { Operation } from './operations.ts'

/** Insert or update. */
export const upserts: readonly Operation[] = [
  {
    operation: 'upsert that inserts',
    scenarios: {
      Prisma: ['upsert that inserts', 'upsert by a unique key, inserting'],
      TypeORM: ['upsert that inserts'],
      MikroORM: ['em.upsert: inserts, then updates'],
    },
  },
  {
    operation: 'upsert that updates',
    scenarios: {
      Prisma: ['upsert by a unique key, updating', 'upsert with a further filter'],
      TypeORM: ['upsert that updates', 'query builder: insert or update'],
      MikroORM: [
        'em.upsert of a managed entity',
        'em.upsert with a condition',
        'qb.insert on conflict merge',
      ],
    },
  },
  {
    operation: 'upsert of many rows, some of them new',
    scenarios: {
      TypeORM: ['upsert of many rows, some of them new', 'upsert that skips rows without a change'],
      MikroORM: ['em.upsertMany: some are there, some are not', 'em.upsertMany with merged fields'],
    },
  },
  {
    operation: 'upsert in several statements',
    scenarios: {
      Prisma: ['upsert in several statements, inserting', 'upsert in several statements, updating'],
    },
  },
]

/** Rows that hang together. */
export const relations: readonly Operation[] = [
  {
    operation: 'nested and cascading inserts',
    scenarios: {
      Prisma: [
        'create ten rows deep',
        'createMany inside create',
        'connectOrCreate, creating',
        'create of children',
      ],
      TypeORM: ['one-to-many: save of a graph of four levels'],
      MikroORM: ['flush: a graph, persisted through its relations'],
    },
  },
  {
    operation: 'nested and cascading updates',
    scenarios: {
      Prisma: ['update of a child', 'upsert of a child, updating', 'updateMany of children'],
      TypeORM: ['one-to-many: save of a changed graph'],
      MikroORM: ['flush: a loaded graph, changed at every level'],
    },
  },
  {
    operation: 'nested deletes and removals that the ORM cascades',
    scenarios: {
      Prisma: ['delete of a child', 'deleteMany of children', 'delete of a to-one child'],
      TypeORM: ['remove of a loaded graph deletes what cascades in TypeORM'],
      MikroORM: [
        'flush: remove of a loaded graph deletes what cascades in MikroORM',
        'orphans and self references',
      ],
    },
  },
  {
    operation: 'connecting and disconnecting relations',
    scenarios: {
      Prisma: [
        'connect of a one-to-many relation',
        'disconnect of a one-to-many relation',
        'set of a one-to-many relation',
      ],
      TypeORM: ['many-to-one: relation().set and unset', 'one-to-many: relation().add and remove'],
      MikroORM: ['flush: self references, in a circle'],
    },
  },
  {
    operation: 'orphans',
    scenarios: {
      TypeORM: ['one-to-many: what was taken off the list is deleted, or loses its parent'],
      MikroORM: ['flush: orphans are removed'],
    },
  },
  {
    operation: 'many-to-many: added',
    scenarios: {
      Prisma: ['many to many: create', 'many to many: connectOrCreate'],
      TypeORM: ['many-to-many: save of a new list', 'many-to-many: relation().add, addAndRemove, remove'],
      MikroORM: ['flush: many to many from the other side'],
    },
  },
  {
    operation: 'many-to-many: replaced, emptied',
    scenarios: {
      Prisma: ['many to many: set', 'many to many: disconnect'],
      TypeORM: [
        'many-to-many: save of a changed list, with a new tag',
        'many-to-many: save of an empty list',
      ],
      MikroORM: ['flush: many to many, added, replaced and emptied'],
    },
  },
  {
    operation: 'delete of a row whose children the database changes',
    scenarios: {
      Prisma: ['delete with children that go and that stay', 'deleteMany with children'],
      TypeORM: [
        'delete that foreign keys carry on to join rows',
        'remove of an order whose lines the database deletes',
      ],
      MikroORM: [
        'flush: a parent whose children the database removes',
        'em.nativeDelete of a parent whose children the database removes',
      ],
    },
  },
  {
    operation: 'a new key for a row of a table that refers to itself',
    scenarios: { Prisma: ['update of a primary key that others refer to'] },
  },
]
