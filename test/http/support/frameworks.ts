import express from 'express'
import express4 from 'express4'
import { expressFramework } from './express-app.ts'
import { fastifyFramework } from './fastify-framework.ts'
import { honoFramework } from './hono-framework.ts'
import type { HttpFramework } from './http-framework.ts'
import { koaFramework } from './koa-framework.ts'
import { nestFramework } from './nest-framework.ts'
import { nextFramework } from './next-framework.ts'
import { nodeFramework } from './node-framework.ts'

/** Every framework, by its name. */
export const frameworks: readonly (readonly [name: string, framework: HttpFramework])[] = [
  expressFramework('Express 5', express),
  expressFramework('Express 4', express4),
  koaFramework,
  fastifyFramework,
  honoFramework,
  nestFramework,
  nextFramework,
  nodeFramework,
].map((framework) => [framework.name, framework])
