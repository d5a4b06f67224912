import { EntitySchema, type ValueTransformer } from 'typeorm'

/** A row with everything that TypeORM maintains by itself. */
export interface Document {
  id: string
  title: string
  secretCode: string | null
  slug?: string
  revision: number
  createdAt: Date
  updatedAt: Date
  deletedAt: Date | null
  author: { name: string; home: { city: string | null } }
  pages?: Page[]
}

/** Belongs to a document, and goes and comes back with it. */
export interface Page {
  id: number
  number: number
  deletedAt: Date | null
  document?: Document | null
  notes?: Note[]
}

/** Third level of a graph that is saved at once. */
export interface Note {
  id: number
  text: string
  page?: Page
  topics?: Topic[]
}

/** Other side of a many-to-many relation whose join table TypeORM names. */
export interface Topic {
  id: number
  name: string
}

/** A row of another schema. */
export interface Clipping {
  id: number
  text: string
  source: string | null
}

/** One table for a root entity and its children. */
export class Asset {
  id?: number
  label = ''
}

export class Picture extends Asset {
  width = 0
}

export class Song extends Asset {
  seconds = 0
}

const id = { type: 'int', primary: true, generated: true } as const
const text = { type: 'text' } as const
const date = { type: 'timestamptz' } as const
const nullable = true

/** Stands for encryption: the database holds something else than the entity. */
const reversed: ValueTransformer = {
  to: (value: string | null | undefined) => value?.split('').reverse().join('') ?? value,
  from: (value: string | null) => value?.split('').reverse().join('') ?? null,
}

const HomeSchema = new EntitySchema<Document['author']['home']>({
  name: 'Home',
  columns: { city: { ...text, nullable } },
})

const AuthorSchema = new EntitySchema<Document['author']>({
  name: 'Author',
  columns: { name: text },
  embeddeds: { home: { schema: HomeSchema } } as never,
})

const DocumentSchema = new EntitySchema<Document>({
  name: 'Document',
  tableName: 'document',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    title: text,
    secretCode: { ...text, name: 'secret_code', nullable, transformer: reversed },
    slug: {
      ...text,
      generatedType: 'STORED',
      asExpression: 'lower(title)',
      insert: false,
      update: false,
    },
    revision: { type: 'int', version: true },
    createdAt: { ...date, name: 'created_at', createDate: true },
    updatedAt: { ...date, name: 'updated_at', updateDate: true },
    deletedAt: { ...date, name: 'deleted_at', deleteDate: true, nullable },
  },
  embeddeds: { author: { schema: AuthorSchema } } as never,
  relations: {
    pages: { type: 'one-to-many', target: 'Page', inverseSide: 'document', cascade: true },
  },
})

const PageSchema = new EntitySchema<Page>({
  name: 'Page',
  tableName: 'page',
  columns: {
    id,
    number: { type: 'int' },
    deletedAt: { ...date, name: 'deleted_at', deleteDate: true, nullable },
  },
  relations: {
    document: {
      type: 'many-to-one',
      target: 'Document',
      inverseSide: 'pages',
      joinColumn: { name: 'document_id' },
      nullable,
      orphanedRowAction: 'nullify',
    },
    notes: { type: 'one-to-many', target: 'Note', inverseSide: 'page', cascade: true },
  },
})

const NoteSchema = new EntitySchema<Note>({
  name: 'Note',
  tableName: 'note',
  columns: { id, text },
  relations: {
    page: {
      type: 'many-to-one',
      target: 'Page',
      inverseSide: 'notes',
      joinColumn: { name: 'page_id' },
      onDelete: 'CASCADE',
      orphanedRowAction: 'delete',
    },
    topics: { type: 'many-to-many', target: 'Topic', cascade: true, joinTable: true },
  },
})

const TopicSchema = new EntitySchema<Topic>({
  name: 'Topic',
  tableName: 'topic',
  columns: { id, name: text },
})

/** Of a schema that no search path tells. */
const ClippingSchema = new EntitySchema<Clipping>({
  name: 'Clipping',
  schema: 'archive',
  tableName: 'clipping',
  columns: { id, text, source: { ...text, name: 'source_name', nullable } },
})

const AssetSchema = new EntitySchema<Asset>({
  target: Asset,
  name: 'Asset',
  tableName: 'asset',
  columns: { id, label: text },
  inheritance: { pattern: 'STI', column: { name: 'kind', type: 'text' } },
})

const PictureSchema = new EntitySchema<Picture>({
  target: Picture,
  name: 'Picture',
  type: 'entity-child',
  discriminatorValue: 'picture',
  columns: { width: { type: 'int', name: 'pixel_width', nullable } },
})

const SongSchema = new EntitySchema<Song>({
  target: Song,
  name: 'Song',
  type: 'entity-child',
  discriminatorValue: 'song',
  columns: { seconds: { type: 'int', nullable } },
})

export const featureEntities = [
  DocumentSchema,
  PageSchema,
  NoteSchema,
  TopicSchema,
  ClippingSchema,
  AssetSchema,
  PictureSchema,
  SongSchema,
]

export const featureTables = `
create table document (
  id uuid primary key default gen_random_uuid(),
  title text not null,
  secret_code text,
  slug text generated always as (lower(title)) stored,
  revision int not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  "authorName" text not null,
  "authorHomeCity" text
);
create table page (
  id serial primary key, number int not null, deleted_at timestamptz,
  document_id uuid references document
);
create table note (id serial primary key, text text not null, page_id int references page on delete cascade);
create table topic (id serial primary key, name text not null);
create table note_topics_topic (
  "noteId" int not null references note on delete cascade,
  "topicId" int not null references topic on delete cascade,
  primary key ("noteId", "topicId")
);
create schema archive;
create table archive.clipping (id serial primary key, text text not null, source_name text);
create table asset (
  id serial primary key, label text not null, kind text not null, pixel_width int, seconds int
);
`
