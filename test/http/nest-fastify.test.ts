import { describeFramework } from './suite/describe-framework.ts'
import { nestFastifyFramework } from './support/nest-fastify-framework.ts'

describeFramework(nestFastifyFramework)
