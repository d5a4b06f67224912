import { describeFramework } from './suite/describe-framework.ts'
import { koaFramework } from './support/koa-framework.ts'

describeFramework(koaFramework)
