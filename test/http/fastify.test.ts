import { describeFramework } from './suite/describe-framework.ts'
import { fastifyFramework } from './support/fastify-framework.ts'

describeFramework(fastifyFramework)
