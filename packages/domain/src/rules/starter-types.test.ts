import { expect, test } from 'vitest';
import { fileChecksOf } from './file-rules.ts';
import { preFlight } from './pre-flight.ts';
import { noRules, requestRulesSchema } from './request-types.ts';
import { starterTypes } from './starter-types.ts';

/** Names that studios publish for their partners, or else invented in the same style. */
const names: Record<string, { good: string[]; bad: string[] }> = {
  'Music cues': {
    good: [
      'LH_BodyAndSoul_MASTER_48k_24b_2ch_LT_v04.wav',
      'LH_BodyAndSoul_MASTER_48k_24b_6ch_L_v04.wav',
      'LH_BodyAndSoul_STEM_keys_96k_24b_6ch_C_R02.wav',
    ],
    bad: [
      'Body and Soul.wav',
      'LH_BodyAndSoul_48k_24b_2ch_v04.wav',
      'LH_BodyAndSoul_MASTER_48k_24b_2ch_v04.mp3',
    ],
  },
  'Mix stems': {
    good: [
      'chefs_table_s02e02_v03_FXSTEM_6ch_48k_24b_23976.LFE.wav',
      'show_s01e01_v04_DIAStem_Nearfield_2ch_48k_24b_24.L.wav',
      'show_v01_MXStem_mono_48k_24b_25.wav',
    ],
    bad: [
      'chefs table_s02e02_PM.wav',
      'show_v03_STEM_6ch_48k_24b_25.L.wav',
      'show_v03_FXStem_7ch_48k_24b_25.wav',
    ],
  },
  'Print master': {
    good: [
      'chefs_table_s02e02_v04_PM_Nearfield_2ch_48k_24b_23976.L.wav',
      'show_v04_PM_6ch_48k_24b_24.LFE.wav',
      'show_v04_pm_6ch_48k_24b_24.rs.wav',
    ],
    bad: [
      'show_v04_PM_6ch_48k_24b_24.wav',
      'show_v04_ME_6ch_48k_24b_24.L.wav',
      'show_v04_PM_6ch_48k_24b_24.X.wav',
    ],
  },
  'M&E': {
    good: [
      'show_s01e01_v04_ME_6ch_48k_24b_24.L.wav',
      'show_s01e01_v04_OPTA_2ch_48k_24b_24.R.wav',
      'show_s01e01_v04_REF_2ch_48k_24b_24.mov',
    ],
    bad: [
      'show_ME.wav',
      'show_s01e01_v04_PM_6ch_48k_24b_24.L.wav',
      'show_s01e01_v04_ME_6ch_48k_24b_24.L.aif',
    ],
  },
  'IMF package': {
    good: [
      'ASSETMAP.xml',
      'ASSETMAP',
      'VOLINDEX',
      'VOLINDEX.xml',
      'PKL_0f3a.xml',
      'CPL.xml',
      'picture_0f3a.mxf',
    ],
    bad: ['picture.mov', 'notes.pdf', 'my CPL.xml', 'ASSETMAP.txt', 'notes'],
  },
  'ProRes master': {
    good: ['show_s01e01_v02_422HQ_HD_23976.mov', 'show_v02_4444XQ_UHD_25_en.mov', 'show_v02_4444_4K_24.MOV'],
    bad: ['show.mov', 'show_s01e01_v02_422HQ_HD_23976.mxf', 'show_v2_422LT_HD_24.mov'],
  },
  'DPX/EXR sequence': {
    good: ['demo_show_s01e01_nam.0086400.dpx', 'demo_show.1001.exr', 'demo_show_gam.1001.tiff'],
    bad: ['demo_show_s01e01_nam.dpx', 'demo_show.1001.jpg', 'demo show.1001.exr'],
  },
  Subtitles: {
    good: ['show_s01e01_v02_en_SUB.ttml', 'show_es-419_SDH.xml', 'show_s01e01_de_FN.srt'],
    bad: ['show.srt', 'show_s01e01_en_SUB.docx', 'show_s01e01_english subtitles.ttml'],
  },
  'VFX shot': {
    good: [
      'AGM_104_065_010_comp_NFX_v001.1001.exr',
      'AGM_104_TCC_067_0080_v001.mov',
      'AGM_065_0010_v0012.1001.dpx',
    ],
    bad: ['shot 12 final.mov', 'AGM_104_065_010_comp_v1.mov', 'AGM_104_065_010_v001.1001.jpg'],
  },
  'Locked cut': {
    good: ['show_s01e01_locked_v03.mov', 'show_s01e01_locked_v03_reel1.edl', 'show_s01e01_Locked_V03.aaf'],
    bad: ['show_s01e01_v03.mov', 'show_locked.edl', 'show_locked_v03.wav'],
  },
  Artwork: {
    good: ['show_keyart_27x40_en_v02.psd', 'show_still_v01.tif', 'show_logo_v01.svg'],
    bad: ['poster.psd', 'show_keyart_v02.gif', 'show_wallpaper_v02.png'],
  },
  Documents: {
    good: ['script.pdf', 'Cue sheet.xlsx', 'Lizenz Österreich.docx'],
    bad: ['mix.wav', 'malware.exe', '.DS_Store'],
  },
};

test('there are twelve types, each with example names', () => {
  expect(starterTypes.map(({ name }) => name)).toEqual(Object.keys(names));
  expect(starterTypes).toHaveLength(12);
});

test.each(
  starterTypes.flatMap(({ name, rules }) => [
    ...names[name]!.good.map((file) => [name, file, true, rules] as const),
    ...names[name]!.bad.map((file) => [name, file, false, rules] as const),
  ]),
)('%s: %s matches: %s', (_type, path, isGood, rules) => {
  expect(fileChecksOf(rules)({ path, sizeBytes: 1 }).length === 0).toBe(isGood);
});

test('a print master without one of its six channels is incomplete', () => {
  const { rules } = starterTypes.find(({ name }) => name === 'Print master')!;
  const files = ['L', 'R', 'C', 'LFE', 'Ls'].map((channel) => ({
    path: `show_v04_PM_6ch_48k_24b_24.${channel}.wav`,
    sizeBytes: 1,
  }));
  const { findings } = preFlight({ rules, files, present: [], at: 'begin' });
  expect(findings).toEqual([
    {
      rule: 'expected_missing',
      verdict: 'later',
      path: null,
      details: { name: '{name:any}.Rs.wav', example: 'name.Rs.wav' },
      suggestion: null,
    },
  ]);
});

test('a request without a type has the rules of a type that sets none', () => {
  expect(noRules).toEqual(requestRulesSchema.parse({}));
});
