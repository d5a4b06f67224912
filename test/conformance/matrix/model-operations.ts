import type { Operation } from './operations.ts'

/** One row, or one entity. */
export const models: readonly Operation[] = [
  {
    operation: 'insert (`create`; `save`, `insert`; `flush`, `em.insert`)',
    scenarios: {
      Prisma: ['create', 'create with select', 'create with omit', 'create with nothing but defaults'],
      TypeORM: [
        'save inserts a new entity',
        'create and save',
        'insert of one row',
        'insert with an expression',
      ],
      MikroORM: [
        'flush: create one',
        'em.insert',
        'em.insert of an entity',
        'flush: create with a value computed by SQL',
      ],
    },
  },
  {
    operation: 'insert with a value of every type',
    scenarios: {
      Prisma: ['create with every type'],
      TypeORM: ['save inserts every type of column'],
      MikroORM: ['flush: every type'],
    },
  },
  {
    operation: 'update of a loaded entity (`save`; `flush`)',
    scenarios: {
      TypeORM: [
        'save updates the changed columns of a loaded entity',
        'preload and save',
        'save of a part of an entity changes that part',
      ],
      MikroORM: ['flush: update what was loaded', 'flush: update through a reference that was never loaded'],
    },
  },
  {
    operation: 'update by key (`update`; `update`; `em.nativeUpdate`)',
    scenarios: {
      Prisma: ['update', 'update to null and back, and the nulls of JSON'],
      TypeORM: ['update by id', 'update by an expression', 'increment', 'decrement'],
      MikroORM: ['em.nativeUpdate', 'em.nativeUpdate with SQL'],
    },
  },
  {
    operation: 'update of a key',
    scenarios: {
      TypeORM: ['update of the key'],
      MikroORM: ['em.nativeUpdate of a key'],
    },
  },
  {
    operation: 'update that changes nothing leaves no entry',
    leavesNothing: true,
    scenarios: {
      Prisma: ['update that changes nothing'],
      TypeORM: ['save without a change writes nothing', 'update to the same value leaves no change'],
      MikroORM: ['flush: nothing changed', 'em.nativeUpdate that changes nothing'],
    },
  },
  {
    operation: 'delete (`delete`; `remove`, `delete`; `em.remove`, `em.nativeDelete`)',
    scenarios: {
      Prisma: ['delete'],
      TypeORM: ['remove of one entity', 'remove of many entities', 'delete by id'],
      MikroORM: ['flush: remove one and many', 'flush: remove by reference', 'em.nativeDelete'],
    },
  },
  {
    operation: 'inserts, updates and deletes of one flush or save',
    scenarios: {
      TypeORM: ['one-to-many: a changed line, a new one and one taken off'],
      MikroORM: ['flush: create, update and remove together'],
    },
  },
  {
    operation: 'composite keys',
    scenarios: {
      Prisma: ['update of a compound key'],
      TypeORM: [
        'one-to-many: save of an order with lines, whose key has two columns',
        'delete by a composite key',
      ],
      MikroORM: ['flush: a row of a composite key', 'composite keys and a relation to one'],
    },
  },
  {
    operation: 'writes beside listeners and hooks that change the entity',
    scenarios: {
      TypeORM: ['save and remove beside a subscriber that changes the entity'],
      MikroORM: ['flush: hooks that change the entity on its way'],
    },
  },
]

/** Many rows at once. */
export const bulk: readonly Operation[] = [
  {
    operation: 'insert many (`createMany`; `save`, `insert`; `flush`, `em.insertMany`)',
    scenarios: {
      Prisma: ['createMany'],
      TypeORM: ['save of many entities', 'save in chunks', 'insert of many rows'],
      MikroORM: [
        'flush: create many in one statement',
        'flush: create in batches',
        'em.insertMany',
        'em.insertMany with different columns',
      ],
    },
  },
  {
    operation: 'insert many and return them',
    scenarios: {
      Prisma: ['createManyAndReturn'],
      TypeORM: ['query builder: insert that returns every column'],
      MikroORM: ['qb.insert, returning'],
    },
  },
  {
    operation: 'insert many, skipping duplicates',
    scenarios: {
      Prisma: ['createMany skipping duplicates'],
      TypeORM: ['query builder: insert or ignore'],
      MikroORM: ['qb.insert on conflict ignore', 'em.upsert that ignores what is there'],
    },
  },
  {
    operation: 'update many (`updateMany`; `update`, `updateAll`; `em.nativeUpdate`)',
    scenarios: {
      Prisma: [
        'updateMany without a condition',
        'updateMany of rows of which some are so already',
        'updateMany with a limit and with a relation in its condition',
      ],
      TypeORM: ['update by criteria of several rows', 'updateAll'],
      MikroORM: [
        'flush: update many in one statement of CASE',
        'em.nativeUpdate by a condition on a relation',
      ],
    },
  },
  {
    operation: 'update many and return them',
    scenarios: {
      Prisma: ['updateManyAndReturn'],
      TypeORM: ['update that returns every column', 'query builder: update that returns'],
      MikroORM: ['qb.update, returning'],
    },
  },
  {
    operation: 'delete many (`deleteMany`; `delete`, `deleteAll`; `em.nativeDelete`)',
    scenarios: {
      Prisma: ['deleteMany, with a limit too'],
      TypeORM: ['delete by criteria', 'deleteAll'],
      MikroORM: ['em.nativeDelete by a condition on a relation'],
    },
  },
  {
    operation: 'emptying a table (`clear`; `qb.truncate`)',
    scenarios: {
      TypeORM: ['clear is announced'],
      MikroORM: ['qb.truncate'],
    },
  },
]
