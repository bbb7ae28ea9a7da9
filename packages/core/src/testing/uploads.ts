/** Test data: the project of `requestScene`, with a person who uploads to it. */
import { appendFileSync } from 'node:fs';
import { eq, gt } from 'drizzle-orm';
import { events } from '@turnover/db/schema/events';
import { uploads } from '@turnover/db/schema/uploads';
import { listWorkspaceInput } from '@turnover/domain/workspace/entries';
import type { BeginUploadInput, UploadView } from '@turnover/domain/workspace/uploads';
import type { Upload } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { loadEntry, type SeenEntry } from '../entries/access.ts';
import { requestScene, type RequestScene } from './requests.ts';
import { finishUpload, recordDurableOffset } from '../uploads/completion.ts';
import { beginUpload, listUploads } from '../uploads/uploads.ts';
import { listWorkspace } from '../entries/list.ts';

export const hash = 'a'.repeat(32);
export const otherHash = 'b'.repeat(32);

export type UploadScene = Awaited<ReturnType<typeof uploadScene>>;

export async function uploadScene() {
  const scene = await requestScene();
  return { ...scene, ...senderIn(scene) };
}

function senderIn({ hub, project, people }: RequestScene) {
  /** The context of the partner, to whom requests are assigned. */
  const ctx = hub.as(people.partner);
  const wanted = (more: Partial<BeginUploadInput> = {}): BeginUploadInput => ({
    projectId: project.id,
    filename: 'cut.mov',
    sizeBytes: 5,
    replace: false,
    ...more,
  });

  async function begin(more: Partial<BeginUploadInput> = {}, as: PersonContext = ctx): Promise<string> {
    return (await beginUpload(as, wanted(more))).uploadId;
  }

  /** Makes all bytes durable without completing the upload. */
  async function fill(more: Partial<BeginUploadInput> = {}, content = 'xxxxx', as = ctx): Promise<string> {
    const id = await begin({ sizeBytes: content.length, ...more }, as);
    appendFileSync(hub.storage.incomingPath(id), content);
    recordDurableOffset(hub.ctx, id, content.length);
    return id;
  }

  async function send(more: Partial<BeginUploadInput> = {}, content = 'xxxxx', as = ctx): Promise<string> {
    const id = await fill(more, content, as);
    finishUpload(hub.ctx, id);
    return id;
  }

  return {
    ctx,
    wanted,
    begin,
    fill,
    send,
    rowOf: (id: string): Upload => hub.db.select().from(uploads).where(eq(uploads.id, id)).get()!,
    list: (folderId: string | null = null, as = ctx) =>
      listWorkspace(as, listWorkspaceInput.parse({ projectId: project.id, folderId, limit: 100 })).entries,
    names(folderId: string | null = null): string[] {
      return this.list(folderId).map(({ name }) => name);
    },
    entry: (id: string, where: 'kept' | 'trashed' = 'kept'): SeenEntry =>
      loadEntry(hub.db, ctx, id, 'view', where),
    listed: (as = ctx): UploadView[] => listUploads(as, {}),
    /** Returns the kinds of events that `work` appends. */
    async eventsOf(work: () => unknown): Promise<string[]> {
      const before = hub.db.$client
        .prepare('select coalesce(max(id), 0) from events')
        .pluck()
        .get() as number;
      await work();
      const appended = hub.db.select().from(events).where(gt(events.id, before)).all();
      return appended.map(({ kind, audienceId, requestId }) =>
        [kind, audienceId === ctx.person.id ? 'to its owner' : '', requestId ? 'in the request' : '']
          .filter(Boolean)
          .join(' '),
      );
    },
  };
}
