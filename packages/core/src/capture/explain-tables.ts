import type { TableName } from '../sql/plan-types.ts'
import type { CaptureTarget } from './capture-target.ts'

/**
 * Asks the server which tables a statement writes. EXPLAIN executes nothing; it runs behind a savepoint, so that a
 * statement which cannot be explained costs the record its tables and the user nothing.
 */
export async function tryExplainWrittenTables<Request, Result>(
  target: CaptureTarget<Request, Result>,
  request: Request,
): Promise<readonly TableName[] | undefined> {
  await target.audit.query('savepoint indelible_explain')
  try {
    const plans = await target.explain(request)
    await target.audit.query('release savepoint indelible_explain')
    return writtenTables(JSON.parse(plans))
  } catch {
    await target.audit.query('rollback to savepoint indelible_explain')
    return undefined
  }
}

interface PlanNode {
  readonly 'Node Type'?: string
  readonly 'Relation Name'?: string
  readonly Schema?: string
  readonly Plan?: PlanNode
  readonly Plans?: readonly PlanNode[]
}

/** The tables that the plans of EXPLAIN (FORMAT JSON, VERBOSE) write. */
export function writtenTables(plans: readonly PlanNode[]): TableName[] {
  const found = new Map<string, TableName>()
  const waiting = [...plans]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { Plan, Plans = [], Schema: schema, 'Relation Name': name } = node
    waiting.push(...(Plan === undefined ? Plans : [Plan, ...Plans]))
    if (node['Node Type'] !== 'ModifyTable' || schema === undefined || name === undefined) continue
    found.set(JSON.stringify([schema, name]), { schema, name })
  }
  return [...found.values()]
}
