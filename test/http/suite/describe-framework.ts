import { describe } from 'vitest'
import type { HttpFramework } from '../support/http-framework.ts'
import { describeConnections } from './connection-suite.ts'
import { describeContext } from './context-suite.ts'
import { describeErrors } from './error-suite.ts'
import { describeEvents } from './event-suite.ts'
import { describeOptions } from './option-suite.ts'
import { useShop } from './shop.ts'

/** Holds the middleware of a framework to every promise, with real servers, clients and databases. */
export function describeFramework(framework: HttpFramework): void {
  describe(framework.name, () => {
    const used = useShop()
    const shop = () => used.shop
    describeContext(framework, shop)
    describeEvents(framework, shop)
    describeErrors(framework, shop)
    describeConnections(framework, shop)
    describeOptions(framework)
  })
}
