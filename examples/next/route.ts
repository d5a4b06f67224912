import { audited, prisma } from './audited.ts'

export const POST = audited(
  async (request: Request) => {
    // One-line bridge: an application would check what it is sent.
    const { name, email } = (await request.json()) as { name: string; email: string }
    const customer = await prisma.customer.create({ data: { name, email, passwordHash: 'none yet' } })
    return Response.json({ id: customer.id }, { status: 201 })
  },
  { route: '/api/customers' }, // Next does not tell it to the handler
)
