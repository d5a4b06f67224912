import { exact, makeProducts, productData, products } from '../support/scenario.ts'

/** The four writing query builders. */
export const queryBuilderScenarios = [
  exact('query builder: insert of many rows', (db) =>
    db.createQueryBuilder().insert().into('Product').values(['qb-1', 'qb-2'].map(productData)).execute(),
  ),
  exact('query builder: insert that returns every column', (db) =>
    db.createQueryBuilder().insert().into('Product').values(productData('qb-3')).returning('*').execute(),
  ),
  exact('query builder: insert without updating the entity', (db) =>
    db
      .createQueryBuilder()
      .insert()
      .into('Product')
      .values(productData('qb-4'))
      .updateEntity(false)
      .callListeners(false)
      .execute(),
  ),
  exact('query builder: insert or ignore', (db) =>
    db
      .createQueryBuilder()
      .insert()
      .into('Product')
      .values([productData('qb-1'), productData('qb-5')])
      .orIgnore()
      .execute(),
  ),
  exact('query builder: insert or update', (db) =>
    db
      .createQueryBuilder()
      .insert()
      .into('Product')
      .values([
        { ...productData('qb-1'), stock: 9 },
        { ...productData('qb-6'), stock: 9 },
      ])
      .orUpdate(['stock'], ['sku'], { skipUpdateIfNoValuesChanged: true })
      .execute(),
  ),
  exact('query builder: insert from a select', (db) =>
    db
      .createQueryBuilder()
      .insert()
      .into('Product', ['sku', 'name', 'price'])
      .valuesFromSelect((query) =>
        query
          .select(`product.sku || '-copy'`, 'sku')
          .addSelect('upper(product.name)', 'name')
          .addSelect('product.price + 1', 'price')
          .from('Product', 'product')
          .where('product.sku in (:...skus)', { skus: ['qb-1', 'qb-2'] }),
      )
      .execute(),
  ),
  exact('query builder: update', (db) =>
    products(db)
      .createQueryBuilder()
      .update()
      .set({ stock: () => 'stock + 1', name: 'Updated' })
      .where('sku = :sku', { sku: 'qb-1' })
      .execute(),
  ),
  exact('query builder: update of an entity that is told to follow', async (db) => {
    const product = await products(db).findOneByOrFail({ sku: 'qb-2' })
    await products(db).createQueryBuilder().update().set({ stock: 3 }).whereEntity(product).execute()
    return product
  }),
  exact('query builder: update that returns', (db) =>
    products(db)
      .createQueryBuilder()
      .update()
      .set({ active: false })
      .where('sku = :sku', { sku: 'qb-1' })
      .returning(['id', 'sku'])
      .execute(),
  ),
  exact('query builder: update with a subquery', (db) =>
    products(db)
      .createQueryBuilder()
      .update()
      .set({ stock: 77 })
      .where(
        `id = (${db.createQueryBuilder().subQuery().select('max(p.id)').from('Product', 'p').getQuery()})`,
      )
      .execute(),
  ),
  exact('query builder: update with a common table expression', (db) =>
    products(db)
      .createQueryBuilder()
      .update()
      .addCommonTableExpression(`select 'qb-1'::text as sku`, 'chosen')
      .set({ stock: 78 })
      .where('sku in (select sku from chosen)')
      .execute(),
  ),
  exact('query builder: update in a transaction of its own, without listeners', (db) =>
    products(db)
      .createQueryBuilder()
      .update()
      .set({ stock: 10 })
      .where('sku = :sku', { sku: 'qb-1' })
      .useTransaction(true)
      .callListeners(false)
      .execute(),
  ),
  exact('query builder: delete that returns', (db) =>
    products(db).createQueryBuilder().delete().where('sku = :sku', { sku: 'qb-3' }).returning('*').execute(),
  ),
  exact('query builder: delete in a transaction of its own', (db) =>
    products(db)
      .createQueryBuilder()
      .delete()
      .where('sku = :sku', { sku: 'qb-4' })
      .useTransaction(true)
      .execute(),
  ),
  exact(
    'query builder: soft delete and restore',
    async (db) => {
      const documents = () => db.getRepository('Document').createQueryBuilder()
      const deleted = await documents().softDelete().where({ title: 'Soft' }).execute()
      return [deleted, await documents().restore().where({ title: 'Soft' }).execute()]
    },
    (db) => db.getRepository('Document').insert({ title: 'Soft', author: { name: 'Ada', home: {} } }),
  ),
  exact(
    'query builder: reads leave nothing',
    async (db) => {
      const query = products(db).createQueryBuilder('p').where('p.sku like :sku', { sku: 'qb-%' })
      return [await query.getCount(), await query.orderBy('p.id').getRawMany(), await query.getExists()]
    },
    makeProducts('qb-read'),
  ),
]
