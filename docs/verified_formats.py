"""The part of docs/checkpoints.md about reading: which formats tell their end, and what was measured."""

VERIFIED = """
## Verified by content

A listing shows that an object is there, not that its writer had finished it. With `verify_checkpoints = true` (and
only then may the function resubmit read objects, only below `checkpoint_locations`, and decrypt with the policy's
`kms_keys`) the files of the newest complete checkpoint are held against their own formats before a resubmission.
They are read in ranges: at most 200 files, 64 MiB and 10 seconds for one decision. What lies beyond that, and what S3
refuses, is "not verified": the listing decides, and the decision says so. Nothing is executed or unpacked, no pickle
is loaded, nothing that was read is kept.

| format | files | whole if | else |
|---|---|---|---|
| zip | torch since 1.6 (`.pt`, `.pth`, `.ckpt`, `.bin`), `.npz`, `.keras`, `.zip` | its end record (zip64's, too) places a directory that ends there, with as many entries as it says, each before the directory | torn |
| npy | `.npy` | as many bytes follow the header as type and shape make | torn; not verified: objects, records, several arrays |
| safetensors | `.safetensors` | the tensors of its header fill the file, each byte once | torn; not verified: a header of more than 4 MiB |
| HDF5 | `.h5`, `.hdf5` | the end of file that its superblock (0 to 3) names is the file's | torn |
| torch.distributed | `.metadata` and the `.distcp` that it names | every file that it names is there and long enough; walked opcode by opcode | torn; not verified: more than 16 MiB or 600,000 opcodes |
| sharded safetensors | `*.index.json` | every shard that it names is there | torn |
| JSON | `trainer_state.json`, XGBoost's `.json` | every bracket and string is closed | torn |
| UBJSON | XGBoost's `.ubj` | the first value ends where the file ends | torn |
| LightGBM's text | `model.txt` | `end of parameters`, and a whole line for pandas if one follows | torn |
| CatBoost's | `.cbm` | never: parts may follow its core | torn if the core is; else not verified |
| pickle, joblib, torch before 1.6, XGBoost's `binf`, TensorFlow's shards, ocdbt, msgpack | | never: they tell no end | not verified |

SageMaker copies the whole prefix, so Spotter cannot choose what a script loads. A torn newest checkpoint refuses the
ending, and is named, unless the rule says `on_torn_checkpoint = "resubmit"`. In the last column of the table of layouts, "yes" means
that the older whole one counts instead; where a file names the checkpoint that is loaded (`latest`, `checkpoint`,
`last_checkpoint`), that holds only while this file is older than the torn one.

### Measured

The recorded buckets again, with their bytes (`python -m tests.frameworks.verify BYTES`; 2026-11-26, ten minutes after
the end): the checkpoints that the listing calls complete, what reading shows, and whether that is so.

| recorded | uploader | called complete by the listing | torn by content | whole | not verified | whole, cannot be loaded | not verified, cannot be loaded | torn, can be loaded |
|---|---|---|---|---|---|---|---|---|
| `accelerate` | closed | 76 | 0 | 76 | 0 | 0 | 0 | 0 |
| `accelerate` | at once | 78 | 0 | 78 | 0 | 0 | 0 | 0 |
| `catboost` | closed | 85 | 0 | 0 | 85 | 0 | 0 | 0 |
| `catboost` | at once | 90 | 3 | 0 | 87 | 0 | 0 | 0 |
| `keras` | closed | 53 | 0 | 53 | 0 | 0 | 0 | 0 |
| `keras` | at once | 58 | 7 | 51 | 0 | 0 | 0 | 0 |
| `lightgbm` | closed | 63 | 0 | 63 | 0 | 0 | 0 | 0 |
| `lightgbm` | at once | 65 | 0 | 65 | 0 | 0 | 0 | 0 |
| `lightning` | closed | 108 | 0 | 108 | 0 | 0 | 0 | 0 |
| `lightning` | at once | 108 | 2 | 106 | 0 | 0 | 0 | 0 |
| `numpy` (`.npz`) | closed | 57 | 0 | 57 | 0 | 0 | 0 | 0 |
| `numpy` (`.npz`) | at once | 59 | 8 | 51 | 0 | 0 | 0 | 0 |
| `torch-dcp` | closed | 41 | 0 | 41 | 0 | 0 | 0 | 0 |
| `torch-dcp` | at once | 41 | 0 | 41 | 0 | 0 | 0 | 0 |
| `torch-files` | closed | 59 | 0 | 59 | 0 | 0 | 0 | 0 |
| `torch-files` | at once | 64 | 6 | 58 | 0 | 0 | 0 | 0 |
| `xgboost` | closed | 55 | 0 | 55 | 0 | 0 | 0 | 0 |
| `xgboost` | at once | 58 | 2 | 56 | 0 | 0 | 0 | 0 |
| `orbax-manager` | closed | 60 | 0 | 0 | 60 | 0 | 0 | 0 |
| `orbax-manager` | at once | 59 | 0 | 0 | 59 | 0 | 0 | 0 |
| `scikit-learn` (joblib) | closed | 50 | 0 | 0 | 50 | 0 | 0 | 0 |
| `scikit-learn` (joblib) | at once | 55 | 0 | 0 | 55 | 0 | 5 | 0 |
"""
