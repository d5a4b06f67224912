import {
  type EventArgs,
  type EventSubscriber,
  EventType,
  type FlushEventArgs,
  type TransactionEventArgs,
} from '@mikro-orm/postgresql'

type AnyEventArgs = Partial<EventArgs<object>> & Partial<FlushEventArgs> & Partial<TransactionEventArgs>

/** A subscriber to every event, which writes down what each of them tells. */
export class EventLog implements EventSubscriber {
  constructor(seen: unknown[]) {
    for (const event of Object.values(EventType)) {
      Reflect.set(this, event, (args: AnyEventArgs) => void seen.push(describe(event, args)))
    }
  }
}

function describe(event: string, { meta, changeSet, transaction, uow }: AnyEventArgs): object {
  return {
    event,
    entity: meta?.className,
    change: changeSet?.type,
    payload: changeSet && Object.keys(changeSet.payload),
    original: changeSet?.originalEntity,
    changes: uow?.getChangeSets().length,
    savepoint: transaction?.savepointName,
  }
}
