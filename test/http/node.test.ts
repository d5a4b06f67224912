import { describeFramework } from './suite/describe-framework.ts'
import { nodeFramework } from './support/node-framework.ts'

describeFramework(nodeFramework)
