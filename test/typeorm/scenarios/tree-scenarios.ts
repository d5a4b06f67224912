import type { DataSource } from 'typeorm'
import { exact } from '../support/scenario.ts'
import type { TreeNode } from '../support/tree-entities.ts'

const nodes = (db: DataSource, entity: string) => db.getTreeRepository<TreeNode>(entity)

const node = (db: DataSource, entity: string, name: string) => nodes(db, entity).findOneByOrFail({ name })

async function saveTree(db: DataSource, entity: string) {
  const repository = nodes(db, entity)
  const root = await repository.save({ name: 'root' })
  const left = await repository.save({ name: 'left', parent: root })
  await repository.save({ name: 'right', parent: root })
  await repository.save({ name: 'leaf', parent: left })
  return repository.findTrees()
}

/** Trees, whose bookkeeping no event tells. */
export const treeScenarios = [
  exact('closure table: save of a tree', (db) => saveTree(db, 'Folder')),
  exact('closure table: save by cascade', (db) =>
    nodes(db, 'Folder').save({ name: 'cascade', children: [{ name: 'a', children: [{ name: 'b' }] }] }),
  ),
  exact('closure table: a node moves', async (db) => {
    const leaf = await node(db, 'Folder', 'leaf')
    return nodes(db, 'Folder').save({ ...leaf, parent: await node(db, 'Folder', 'right') })
  }),
  exact('closure table: a node is renamed', async (db) =>
    nodes(db, 'Folder').save({ ...(await node(db, 'Folder', 'leaf')), name: 'blade' }),
  ),
  exact('closure table: remove of a leaf', async (db) =>
    nodes(db, 'Folder').remove(await node(db, 'Folder', 'blade')),
  ),
  exact('materialized path: save of a tree', (db) => saveTree(db, 'Region')),
  exact('materialized path: a node moves with what is below', async (db) => {
    const left = await node(db, 'Region', 'left')
    return nodes(db, 'Region').save({ ...left, parent: await node(db, 'Region', 'right') })
  }),
  exact('materialized path: remove of a leaf', async (db) =>
    nodes(db, 'Region').remove(await node(db, 'Region', 'leaf')),
  ),
  exact('nested set: save of a tree', (db) => saveTree(db, 'Chapter')),
  exact('nested set: a node moves', async (db) => {
    const leaf = await node(db, 'Chapter', 'leaf')
    return nodes(db, 'Chapter').save({ ...leaf, parent: await node(db, 'Chapter', 'right') })
  }),
  exact('nested set: remove of a leaf', async (db) =>
    nodes(db, 'Chapter').remove(await node(db, 'Chapter', 'leaf')),
  ),
]
