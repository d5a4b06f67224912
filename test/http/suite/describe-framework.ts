import { describe } from 'vitest'
import type { HttpFramework } from '../support/http-framework.ts'
import { describeContext } from './context-suite.ts'
import { useShop } from './shop.ts'

/** Holds the middleware of a framework to every promise, with real servers, clients and databases. */
export function describeFramework(framework: HttpFramework): void {
  describe(framework.name, () => {
    const used = useShop()
    const shop = () => used.shop
    describeContext(framework, shop)
  })
}
