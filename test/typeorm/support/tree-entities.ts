import { EntitySchema } from 'typeorm'

/** A node of a tree, whatever columns keep it. */
export interface TreeNode {
  id: number
  name: string
  parent?: TreeNode | null
  children?: TreeNode[]
}

type TreeType = 'closure-table' | 'materialized-path' | 'nested-set'

function treeSchema(name: string, tableName: string, type: TreeType): EntitySchema<TreeNode> {
  return new EntitySchema<TreeNode>({
    name,
    tableName,
    columns: { id: { type: 'int', primary: true, generated: true }, name: { type: 'text' } },
    relations: {
      parent: {
        type: 'many-to-one',
        target: name,
        inverseSide: 'children',
        joinColumn: { name: 'parent_id' },
        treeParent: true,
        nullable: true,
      },
      children: {
        type: 'one-to-many',
        target: name,
        inverseSide: 'parent',
        treeChildren: true,
        cascade: true,
      },
    },
    trees: [{ type }],
  })
}

const FolderSchema = treeSchema('Folder', 'folder', 'closure-table')
const RegionSchema = treeSchema('Region', 'region', 'materialized-path')
const ChapterSchema = treeSchema('Chapter', 'chapter', 'nested-set')

export const treeEntities = [FolderSchema, RegionSchema, ChapterSchema]

export const treeTables = `
create table folder (id serial primary key, name text not null, parent_id int references folder);
create table folder_closure (
  id_ancestor int not null references folder on delete cascade,
  id_descendant int not null references folder on delete cascade,
  primary key (id_ancestor, id_descendant)
);
create table region (
  id serial primary key, name text not null, mpath text default '', parent_id int references region
);
create table chapter (
  id serial primary key, name text not null, nsleft int not null default 1, nsright int not null default 2,
  parent_id int references chapter
);
`
