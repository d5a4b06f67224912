import { describeFramework } from './suite/describe-framework.ts'
import { honoFramework } from './support/hono-framework.ts'

describeFramework(honoFramework)
