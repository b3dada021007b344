"""Customer-managed keys, one for each purpose."""

from components.encryption.component import Encryption, EncryptionArgs, KeyPurpose

__all__ = ["Encryption", "EncryptionArgs", "KeyPurpose"]
