// Records events inside a transaction of its own and outside of it, and waits to be killed. Arguments: the name of the ORM, the database.
import { setTimeout as sleep } from 'node:timers/promises'
import { eventOrms } from './support/event-orms.ts'

const [name, url = ''] = process.argv.slice(2)
const orm = eventOrms.find((each) => each.name === name)
const client = await orm?.open(url, { audit: { seal: false } })

await client?.transaction(async (transaction) => {
  await client.insert(transaction, `doomed by ${name}`)
  await client.audit.record({ action: 'killed.inside', metadata: { name } }, { transaction })
  await client.audit.record({ action: 'killed.outside', outcome: 'failure', metadata: { name } })
  console.log('recorded, not committed')
  await sleep(60_000)
})
