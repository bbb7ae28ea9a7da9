import { afterEach, beforeEach, expect, test } from 'vitest';
import { assets } from '@turnover/db/schema/assets';
import { inTransaction } from '@turnover/db/transaction';
import { eq } from 'drizzle-orm';
import { writeFileSync } from 'node:fs';
import { starterTypes } from '@turnover/domain/rules/starter-types';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { DeliveryRequest } from '../access.ts';
import { viewImfPackage } from './imf-packages.ts';
import { createRequestType } from './types.ts';
import { reviewDelivery } from './rule-checks.ts';
import { requestScene, type RequestScene } from '../testing/requests.ts';
import { createRequests } from './from-list.ts';
import { loadRequest } from '../access.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const urn = (n: number) => `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const map = (list: [number, string][]) =>
  `<AssetMap><Id>${urn(1)}</Id>${list.map(([id, path]) => `<Asset><Id>${urn(id)}</Id><Path>${path}</Path></Asset>`).join('')}</AssetMap>`;
const packing = (id: number, ids: number[]) =>
  `<PackingList><Id>${urn(id)}</Id>${ids.map((each) => `<Asset><Id>${urn(each)}</Id></Asset>`).join('')}</PackingList>`;
const playlist = (ids: number[]) =>
  `<CompositionPlaylist><Id>${urn(3)}</Id><ContentTitle>Polar Light</ContentTitle>${ids.map((id) => `<TrackFileId>${urn(id)}</TrackFileId>`).join('')}</CompositionPlaylist>`;

async function imfRequest(name: string): Promise<DeliveryRequest> {
  const coordinator = scene.hub.as(scene.people.coordinator);
  const { rules } = starterTypes.find((type) => type.name === 'IMF package')!;
  const projectId = scene.project.id;
  const type = createRequestType(coordinator, { projectId, name: `IMF ${name}`, description: '', rules });
  const assignees = [{ userId: scene.people.partner.id }];
  const { lines } = await createRequests(coordinator, {
    projectId,
    requests: [{ name, typeId: type.id, assignees }],
  });
  return loadRequest(scene.hub.db, scene.people.coordinator, lines[0]!.requestId!, 'request:view');
}

function deliver(request: DeliveryRequest, files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    const id = scene.deliver(request, path);
    const { assetId } = scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, id)).get()!;
    writeFileSync(scene.hub.storage.vaultPath(assetId), content);
    inTransaction(scene.hub.db, (tx) =>
      tx.update(assets).set({ sizeBytes: content.length }).where(eq(assets.id, assetId)).run(),
    );
  }
}

const openFindings = async (request: DeliveryRequest) =>
  (await reviewDelivery(scene.hub.as(scene.people.partner), request))!.report.findings.map(
    ({ rule, details }) => [rule, details.example],
  );
const supplement = {
  ASSETMAP: map([
    [2, 'PKL_s.xml'],
    [3, 'CPL_s.xml'],
  ]),
  'PKL_s.xml': packing(2, [3]),
  'CPL_s.xml': playlist([10, 11]),
};

test('finds the package that a composition without track files supplements, and names it if the person may see it', async () => {
  const [original, request] = [await imfRequest('Original'), await imfRequest('Supplement')];
  deliver(request, supplement);
  expect(await openFindings(request)).toEqual([]);
  const ofPartner = () => viewImfPackage(scene.hub.as(scene.people.partner), request);
  expect(await ofPartner()).toMatchObject({
    title: 'Polar Light',
    elsewhereCount: 2,
    missingCount: 0,
    foundIn: [],
  });
  deliver(original, {
    'ASSETMAP.xml': map([
      [10, 'v.mxf'],
      [11, 'a.mxf'],
    ]),
    'v.mxf': 'v',
    'a.mxf': 'a',
  });
  expect((await ofPartner())!.foundIn).toEqual([{ requestId: original.id, name: 'Original' }]);
  expect(await viewImfPackage(scene.hub.as(scene.people.uploader), request)).toBeNull();
});

test('a package without its own track files is incomplete', async () => {
  const request = await imfRequest('Half');
  deliver(request, {
    ...supplement,
    ASSETMAP: map([
      [3, 'CPL_s.xml'],
      [10, 'v.mxf'],
    ]),
  });
  expect(await openFindings(request)).toEqual([['expected_missing', 'name.mxf']]);
  expect(await viewImfPackage(scene.hub.as(scene.people.coordinator), request)).toMatchObject({
    missing: ['v.mxf'],
  });
});

test('does not treat a package as a supplement because of its file names alone', async () => {
  const request = await imfRequest('Names');
  deliver(request, { ASSETMAP: 'x', 'PKL.xml': '<PackingList/>', 'CPL.xml': '<CompositionPlaylist>' });
  expect(await openFindings(request)).toEqual([['expected_missing', 'name.mxf']]);
});
