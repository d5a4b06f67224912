import { AuditSubscriber } from '@indelible/typeorm'
import { DataSource, EntitySchema } from 'typeorm'

/** A row that a job writes: its text tells which job it was. */
export interface Mark {
  id: number
  text: string
}

/** Its mapping, which runs in a plain Node process as well. */
export const Mark = new EntitySchema<Mark>({
  name: 'Mark',
  tableName: 'mark',
  columns: { id: { type: 'int', primary: true, generated: true }, text: { type: 'text' } },
})

/** Opens an audited data source on the table of marks. */
export function openMarks(url: string): Promise<DataSource> {
  const subscribers = [AuditSubscriber.with({ redact: { defaults: false }, seal: false })]
  return new DataSource({ type: 'postgres', url, entities: [Mark], subscribers, poolSize: 10 }).initialize()
}
