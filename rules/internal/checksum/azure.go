package checksum

import "encoding/binary"

// AzureTail is the number of base64 characters from the signature of an Azure key to the key's end, padding left out,
// and AzureSignature how many of them are the signature. The last four bytes of the key are the checksum.
const (
	AzureTail      = 10
	AzureSignature = 4
)

// AzureSeeds returns the seeds, eight ASCII characters read as a big-endian number, under which keys with a signature
// are hashed; nil for an unknown one. Source: IdentifiableMetadata.cs in microsoft/security-utilities.
func AzureSeeds(signature string) []uint64 {
	var seeds []string
	switch signature {
	case "+ASt", "AZEG":
		seeds = []string{"Default0"}
	case "+ABa":
		seeds = []string{"AbAcct00"}
	case "+AMC":
		seeds = []string{"Classic0"}
	case "AzCa":
		seeds = []string{"Access00"}
	case "+ACR":
		seeds = []string{"ACRDflt0"} // keysieve:allow generic-api-key the name of a published seed
	case "ACDb":
		seeds = []string{"SysAll00", "Resour00", "MastRO00", "SystRO00", "Encryp00", "MastRW00", "SystRW00"}
	case "APIM":
		seeds = []string{"Tenant00", "IoTHub00", "Gatewy00", "GitKey00"}
	case "AzFu":
		seeds = []string{"Master00", "System00", "Functi00"}
	case "AzSe":
		seeds = []string{"Query000", "PAdmin00"}
	case "AIoT":
		seeds = []string{"IoTHub00", "DpsKey00", "Device00"}
	case "+ASb", "+AEh", "+ARm":
		seeds = []string{"Send0000", "Manage00", "Listen00", "System00", "Unknown0"}
	}
	numbers := make([]uint64, len(seeds))
	for i, s := range seeds {
		numbers[i] = binary.BigEndian.Uint64([]byte(s))
	}
	return numbers
}
