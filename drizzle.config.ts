import { defineConfig } from 'drizzle-kit';

// drizzle-kit only writes the SQL (`npm run migration -- <name>`); packages/db/src/migrate.ts runs it.
export default defineConfig({
  dialect: 'sqlite',
  schema: './packages/db/src/schema/*.ts',
  out: './packages/db/migrations',
});
