import { Cascade, defineEntity, type Platform, p, Type } from '@mikro-orm/postgresql'

// What the shop has no example of: inheritance, embeddables, custom types, filters, versions, formulas, another schema.

/** SQL that makes the tables of {@link kindEntities}. */
export const kindsTables = `
create table vehicle (id serial primary key, kind text not null, name text not null, doors int, payload numeric(8,2));
create table document (id serial primary key, title text not null);
create table invoice (id int primary key references document on delete cascade, amount numeric(12,2) not null);
create table credit_note (id int primary key references invoice on delete cascade, reason text);
create table person (id serial primary key, name text not null,
  home_street text, home_city text, home_geo_lat double precision, home_geo_lng double precision, work jsonb, addresses jsonb);
create table article (id serial primary key, title text not null, body text not null default '', secret text,
  upper_title text generated always as (upper(title)) stored, views int not null default 0, version int not null default 1,
  deleted_at timestamptz);
create table meter (id serial primary key, name text not null, reading numeric(20,6) not null);
create table gauge (id serial primary key, name text not null, revision int not null);
create table team (id serial primary key, name text not null);
create table member (id serial primary key, name text not null, team_id int not null references team on delete cascade,
  mentor_id int references member on delete set null);
create table setting (tenant text, name text, value text, primary key (tenant, name));
create table setting_note (id serial primary key, text text not null, setting_tenant text, setting_name text,
  foreign key (setting_tenant, setting_name) references setting on delete cascade);
create table album (id serial primary key, title text not null);
create table photo (id serial primary key, title text not null, album_id int not null references album);
create table photo_comment (id serial primary key, text text not null, photo_id int not null references photo);
create schema archive;
create table archive.note (id serial primary key, text text not null);
`

export const Vehicle = defineEntity({
  name: 'Vehicle',
  tableName: 'vehicle',
  discriminatorColumn: 'kind',
  properties: { id: p.integer().primary(), kind: p.string(), name: p.string() },
})
export const Car = defineEntity({
  name: 'Car',
  extends: Vehicle,
  discriminatorValue: 'car',
  properties: { doors: p.integer().nullable() },
})
export const Truck = defineEntity({
  name: 'Truck',
  extends: Vehicle,
  discriminatorValue: 'truck',
  properties: { payload: p.decimal().precision(8).scale(2).nullable() },
})

export const Document = defineEntity({
  name: 'Document',
  tableName: 'document',
  inheritance: 'tpt',
  properties: { id: p.integer().primary(), title: p.string() },
})
export const Invoice = defineEntity({
  name: 'Invoice',
  tableName: 'invoice',
  extends: Document,
  properties: { amount: p.decimal().precision(12).scale(2) },
})
export const CreditNote = defineEntity({
  name: 'CreditNote',
  tableName: 'credit_note',
  extends: Invoice,
  properties: { reason: p.string().nullable() },
})

const Geo = defineEntity({
  name: 'Geo',
  embeddable: true,
  properties: { lat: p.double().nullable(), lng: p.double().nullable() },
})
const Address = defineEntity({
  name: 'Address',
  embeddable: true,
  properties: {
    street: p.string().nullable(),
    city: p.string().nullable(),
    geo: () => p.embedded(Geo).nullable(),
  },
})
export const Person = defineEntity({
  name: 'Person',
  tableName: 'person',
  properties: {
    id: p.integer().primary(),
    name: p.string(),
    home: () => p.embedded(Address).nullable(),
    work: () => p.embedded(Address).object().nullable(),
    addresses: () => p.embedded(Address).array().nullable(),
  },
})

/** Stored reversed: what is in the column is not what the application sees. */
class ReversedType extends Type<string | null, string | null> {
  override convertToDatabaseValue(value: string | null): string | null {
    return value === null ? null : [...value].reverse().join('')
  }
  override convertToJSValue(value: string | null): string | null {
    return this.convertToDatabaseValue(value)
  }
  override getColumnType(): string {
    return 'text'
  }
}

/** A number that SQL converts on its way in and out: stored ten times as large. */
class TenfoldType extends Type<string, string> {
  override convertToDatabaseValueSQL(key: string, _platform: Platform): string {
    return `(${key})::numeric * 10`
  }
  override convertToJSValueSQL(key: string, _platform: Platform): string {
    return `(${key}) / 10`
  }
  override getColumnType(): string {
    return 'numeric(20,6)'
  }
}

export const Article = defineEntity({
  name: 'Article',
  tableName: 'article',
  filters: { alive: { name: 'alive', cond: { deletedAt: null }, default: true } },
  properties: {
    id: p.integer().primary(),
    title: p.string(),
    body: p.text().default('').lazy(),
    secret: p.type(ReversedType).nullable(),
    upperTitle: p.string().name('upper_title').generated('(upper(title)) stored').nullable(),
    views: p.integer().default(0),
    version: p.integer().version(),
    deletedAt: p.datetime().name('deleted_at').nullable(),
    titleLength: p
      .integer()
      .formula((columns) => `length(${columns['title']})`)
      .nullable(),
  },
})
export const Meter = defineEntity({
  name: 'Meter',
  tableName: 'meter',
  properties: {
    id: p.integer().primary(),
    name: p.string(),
    reading: p.type(TenfoldType),
  },
})

export const Gauge = defineEntity({
  name: 'Gauge',
  tableName: 'gauge',
  properties: {
    id: p.integer().primary(),
    name: p.string(),
    revision: p.integer().concurrencyCheck(),
  },
})

export const Team = defineEntity({
  name: 'Team',
  tableName: 'team',
  properties: {
    id: p.integer().primary(),
    name: p.string(),
    members: () => p.oneToMany(Member).mappedBy('team').orphanRemoval(),
  },
})
export const Member = defineEntity({
  name: 'Member',
  tableName: 'member',
  properties: {
    id: p.integer().primary(),
    name: p.string(),
    team: () => p.manyToOne(Team).joinColumn('team_id'),
    mentor: () => p.manyToOne(Member).joinColumn('mentor_id').nullable(),
  },
})

export const Setting = defineEntity({
  name: 'Setting',
  tableName: 'setting',
  properties: {
    tenant: p.string().primary(),
    name: p.string().primary(),
    value: p.string().nullable(),
  },
})
export const SettingNote = defineEntity({
  name: 'SettingNote',
  tableName: 'setting_note',
  properties: {
    id: p.integer().primary(),
    text: p.string(),
    setting: () => p.manyToOne(Setting).joinColumns('setting_tenant', 'setting_name').nullable(),
  },
})

/** Three levels that refer to each other without a word of the database about deleting: MikroORM removes them in order. */
export const Album = defineEntity({
  name: 'Album',
  tableName: 'album',
  properties: {
    id: p.integer().primary(),
    title: p.string(),
    photos: () => p.oneToMany(Photo).mappedBy('album').cascade(Cascade.PERSIST, Cascade.REMOVE),
  },
})
export const Photo = defineEntity({
  name: 'Photo',
  tableName: 'photo',
  properties: {
    id: p.integer().primary(),
    title: p.string(),
    album: () => p.manyToOne(Album).joinColumn('album_id'),
    comments: () => p.oneToMany(PhotoComment).mappedBy('photo').cascade(Cascade.PERSIST, Cascade.REMOVE),
  },
})
export const PhotoComment = defineEntity({
  name: 'PhotoComment',
  tableName: 'photo_comment',
  properties: {
    id: p.integer().primary(),
    text: p.string(),
    photo: () => p.manyToOne(Photo).joinColumn('photo_id'),
  },
})

export const Note = defineEntity({
  name: 'Note',
  tableName: 'note',
  schema: 'archive',
  properties: { id: p.integer().primary(), text: p.string() },
})

export const kindEntities = [
  Vehicle,
  Car,
  Truck,
  Document,
  Invoice,
  CreditNote,
  Geo,
  Address,
  Person,
  Article,
  Meter,
  Gauge,
  Team,
  Member,
  Setting,
  SettingNote,
  Album,
  Photo,
  PhotoComment,
  Note,
]
