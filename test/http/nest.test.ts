import { describeFramework } from './suite/describe-framework.ts'
import { nestFramework } from './support/nest-framework.ts'

describeFramework(nestFramework)
